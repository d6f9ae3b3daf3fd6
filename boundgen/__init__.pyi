"""The public names and their homes: the one list of them, which type checkers read, and the package too."""

from boundgen import catalogue as catalogue
from boundgen.bounds.closed_form import Bounds as Bounds
from boundgen.companions.mediate import mediate as mediate
from boundgen.companions.mediate import mediate_all as mediate_all
from boundgen.companions.result import CompanionResult as CompanionResult
from boundgen.data.observed import ObservedData as ObservedData
from boundgen.data.reading import read_data as read_data
from boundgen.derivation import Derivation as Derivation
from boundgen.derivation import derive as derive
from boundgen.errors import BoundgenError as BoundgenError
from boundgen.evaluation.evaluate import evaluate as evaluate
from boundgen.evaluation.evaluations import Evaluation as Evaluation
from boundgen.evaluation.evaluations import Evaluations as Evaluations
from boundgen.evaluation.evaluations import Violation as Violation
from boundgen.evaluation.whole_law import LawEvaluation as LawEvaluation
from boundgen.evaluation.whole_law import LawEvaluations as LawEvaluations
from boundgen.families.family import BoundsFamily as BoundsFamily
from boundgen.families.finding import family as family
from boundgen.graphs.exporting import export_graph as export_graph
from boundgen.graphs.importing import ImportedGraph as ImportedGraph
from boundgen.graphs.importing import import_graph as import_graph
from boundgen.inference.breakdown import breakdown as breakdown
from boundgen.inference.breakdown_values import Breakdowns as Breakdowns
from boundgen.inference.estimate import estimate as estimate
from boundgen.inference.estimation import Estimation as Estimation
from boundgen.inference.law_estimation import LawEstimation as LawEstimation
from boundgen.inference.side_by_side import SideBySide as SideBySide
from boundgen.inference.side_by_side import side_by_side as side_by_side
from boundgen.inference.whole_law import LawEstimate as LawEstimate
from boundgen.language.declarations import index as index
from boundgen.language.declarations import parameter as parameter
from boundgen.language.declarations import variable as variable
from boundgen.language.model import Model as Model
from boundgen.language.syntax import E as E
from boundgen.language.syntax import P as P
from boundgen.language.syntax import do as do
from boundgen.language.syntax import either as either
from boundgen.language.syntax import from_code as from_code
from boundgen.questions.answers import ask as ask
from boundgen.questions.comparison import compare as compare
from boundgen.verification.certificate import certify as certify
from boundgen.verification.judgement import Verification as Verification
from boundgen.verification.judgement import verify as verify
from boundgen.verification.verdicts import ClaimVerdict as ClaimVerdict
from boundgen.verification.verdicts import Witness as Witness
from boundgen.work.limits import Limits as Limits

__all__: list[str]
__version__: str
