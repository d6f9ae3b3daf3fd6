"""Parquet, by pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from boundgen.data.frames import file_library, texts_at
from boundgen.data.table import Chunk, Table
from boundgen.data.texts import Text
from boundgen.errors import FileError
from boundgen.work.limits import Report

ROWS_PER_CHUNK = 50_000


def parquet_table(name: str) -> Table:
    """The table in a Parquet file.

    Raises
    ------
    FileError
        If pyarrow is not installed, or the file is damaged.
    """
    pyarrow = file_library("pyarrow", name, "Parquet")
    parquet = file_library("pyarrow.parquet", name, "Parquet")

    def damaged(error: Exception) -> FileError:
        reason = str(error).split("\n")[0]
        return FileError(f"{name}: not a Parquet file that can be read: {reason}", remedy="Write the file again.")

    def chunks(columns: Sequence[str], report: Report) -> Iterator[Chunk]:
        try:
            with parquet.ParquetFile(name) as file:
                done, total = 0, max(1, file.metadata.num_rows)
                for batch in file.iter_batches(ROWS_PER_CHUNK, columns=list(columns)):
                    yield [_texts(batch.column(batch.schema.get_field_index(column))) for column in columns]
                    done += batch.num_rows
                    report(f"reading {name}, percent", 100 * done // total, 100)
        except (pyarrow.ArrowException, OSError) as error:
            raise damaged(error) from None

    try:
        with parquet.ParquetFile(name) as file:
            return Table(name, tuple(file.schema_arrow.names), chunks)
    except (pyarrow.ArrowException, OSError) as error:
        raise damaged(error) from None


def _texts(column: Any) -> list[Text]:
    import pyarrow

    coded = column if pyarrow.types.is_dictionary(column.type) else column.dictionary_encode()
    # Floats of 32 bits must keep their width: as Python floats they would print other digits.
    floating = pyarrow.types.is_floating(coded.dictionary.type)
    values = coded.dictionary.to_numpy(zero_copy_only=False) if floating else coded.dictionary.to_pylist()
    return texts_at([-1 if code is None else code for code in coded.indices.to_pylist()], values)
