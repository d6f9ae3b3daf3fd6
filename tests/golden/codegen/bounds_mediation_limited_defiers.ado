*! version 0.1.0
* SPDX-License-Identifier: CC0-1.0
* mediation_limited_defiers: Randomized treatment, at most a share gamma of mechanism defiers
* Source: Blackwell, Ma & Opacic (2024), Assumption Smuggling in Intermediate Outcome Tests of Causal Mechanisms
*
* Made by boundgen 0.1.0 from the model below (SHA-256 55d834eb68e3d7f7...). Do not edit; make it again with
*   boundgen generate mediation_limited_defiers.bounds --target stata -o derived
*
*   model mediation_limited_defiers "Randomized treatment, at most a share gamma of mechanism defiers"
*
*   source "Blackwell, Ma & Opacic (2024), Assumption Smuggling in Intermediate Outcome Tests of Causal Mechanisms"
*
*   variable A in {0, 1} randomized
*   variable M(A) in {0, 1}
*   variable Y(A, M) in {0, 1}
*
*   observe P(Y, M | A)
*
*   parameter gamma in [0, 1]
*
*   define ATM = P(M=1 | A=1) - P(M=1 | A=0)
*
*   assume few_defiers: P(M(1)=0, M(0)=1) <= gamma
*
*   estimand delta0 = E[Y(0, M(1)) - Y(0, M(0))]
*   estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
*   estimand zeta0 = E[Y(1, M(0)) - Y(0, M(0))]
*   estimand zeta1 = E[Y(1, M(1)) - Y(0, M(1))]
*
* bounds_mediation_limited_defiers [varlist] [if] [in], generate(lower upper) estimand(name) gamma(#) [active(lower
*     upper) violations(stub)]
*
* varlist: the variables that hold the cells, in this order; without it, the variables that are called so:
*   p00_0  P(Y=0,M=0|A=0)
*   p01_0  P(Y=0,M=1|A=0)
*   p10_0  P(Y=1,M=0|A=0)
*   p11_0  P(Y=1,M=1|A=0)
*   p00_1  P(Y=0,M=0|A=1)
*   p01_1  P(Y=0,M=1|A=1)
*   p10_1  P(Y=1,M=0|A=1)
*   p11_1  P(Y=1,M=1|A=1)
* generate: the new variables of the bounds. estimand: delta0, delta1, zeta0, zeta1.
* gamma: a number, variable or expression, between 0 and 1.
* active: new variables with the number of the term that attains each bound, counted from 1 in the order of the formulas
*   below; the first of several that are equal in floating point.
* violations: the beginning of the names of new variables that say by how much each testable implication fails, 0 where
*   it holds; their labels are the implications.
* A bound is missing where the probability of the estimand's condition is 0. Cells that are no probabilities, arms that
*   do not sum to 1 (up to 1e-9: store cells as double; to at most 1, where only some of an arm's cells are observed)
*   and parameters that are missing or out of range end in error 198. Results: r(N), r(estimand).
* Symbols:
*   p_ym.a = P(Y=y, M=m | A=a)
*   ATM = P(M=1 | A=1) - P(M=1 | A=0)

program define bounds_mediation_limited_defiers, rclass
    version 14
    syntax [varlist(numeric default=none)] [if] [in], generate(namelist min=2 max=2) ///
        [estimand(name) gamma(string) active(namelist min=2 max=2) violations(name)]
    marksample touse, novarlist

    * The cells are variables, in this order.
    local cells p00_0 p01_0 p10_0 p11_0 p00_1 p01_1 p10_1 p11_1
    if "`varlist'" == "" {
        capture confirm numeric variable `cells', exact
        if _rc {
            display as error "name 8 variables that hold the cells, or have numeric variables called `cells'"
            exit 198
        }
        local varlist `cells'
    }
    local count : word count `varlist'
    if `count' != 8 {
        display as error "`count' variables are named; there must be 8, one for each of `cells'"
        exit 198
    }
    local p00_0 : word 1 of `varlist'
    local p01_0 : word 2 of `varlist'
    local p10_0 : word 3 of `varlist'
    local p11_0 : word 4 of `varlist'
    local p00_1 : word 5 of `varlist'
    local p01_1 : word 6 of `varlist'
    local p10_1 : word 7 of `varlist'
    local p11_1 : word 8 of `varlist'

    * Which estimand, and which new variables.
    local estimands delta0 delta1 zeta0 zeta1
    if "`estimand'" == "" {
        display as error "no estimand is named; estimands: `estimands'"
        exit 198
    }
    if !`: list estimand in estimands' {
        display as error "there is no estimand `estimand'; estimands: `estimands'"
        exit 198
    }
    foreach new in `generate' `active' {
        confirm new variable `new'
    }

    * Parameters become variables.
    tempvar given_1
    _parameter `touse' `given_1' gamma `"`gamma'"' "0" "1"
    local gamma `given_1'

    * Cells must be probabilities, up to rounding; store them as double.
    foreach cell of local varlist {
        capture assert !missing(`cell') & `cell' >= -1e-9 if `touse'
        if _rc {
            display as error "`cell' must be a probability in every observation"
            exit 198
        }
    }
    _arm `touse' 1 "`p00_0' `p01_0' `p10_0' `p11_0'" "`p00_0' + `p01_0' + `p10_0' + `p11_0'"
    _arm `touse' 1 "`p00_1' `p01_1' `p10_1' `p11_1'" "`p00_1' + `p01_1' + `p10_1' + `p11_1'"

    * The bounds.
    tempvar lower upper first_lower first_upper over
    foreach side in lower upper {
        quietly generate double ``side'' = .
        quietly generate long `first_`side'' = .
    }
    quietly generate double `over' = 1 if `touse'
    if "`estimand'" == "delta0" {
        * The lower bound is the largest of these terms.
        _larger `touse' `lower' `first_lower' 1 "-`p10_0' - `p11_0'"  // -p10.0 - p11.0
        _larger `touse' `lower' `first_lower' 2 "-`p10_0' - `gamma'"  // -p10.0 - gamma
        _larger `touse' `lower' `first_lower' 3 "`p01_0' + `p11_0' - `p01_1' - `p11_1' - 2 * `gamma'"  // -ATM - 2gamma
        _larger `touse' `lower' `first_lower' 4 "`p01_0' - `p01_1' - `p11_1' - `gamma'"  // -ATM - p11.0 - gamma
        _larger `touse' `lower' `first_lower' 5 "-`p10_0' - `p00_1' - `p10_1'"  // -p10.0 - p00.1 - p10.1
        _larger `touse' `lower' `first_lower' 6 "-`p11_0' - `p01_1' - `p11_1'"  // -p11.0 - p01.1 - p11.1
        * The upper bound is the smallest of these terms.
        _smaller `touse' `upper' `first_upper' 1 "`p00_0' + `p01_0'"  // p00.0 + p01.0
        _smaller `touse' `upper' `first_upper' 2 "`p00_0' + `gamma'"  // p00.0 + gamma
        _smaller `touse' `upper' `first_upper' 3 "`p01_1' + `p11_1' - `p01_0' - `p11_0' + 2 * `gamma'"  // ATM + 2gamma
        _smaller `touse' `upper' `first_upper' 4 "`p01_1' + `p11_1' - `p11_0' + `gamma'"  // ATM + p01.0 + gamma
        _smaller `touse' `upper' `first_upper' 5 "`p00_0' + `p00_1' + `p10_1'"  // p00.0 + p00.1 + p10.1
        _smaller `touse' `upper' `first_upper' 6 "`p01_0' + `p01_1' + `p11_1'"  // p01.0 + p01.1 + p11.1
    }
    if "`estimand'" == "delta1" {
        * The lower bound is the largest of these terms.
        _larger `touse' `lower' `first_lower' 1 "-`p00_1' - `p01_1'"  // -p00.1 - p01.1
        _larger `touse' `lower' `first_lower' 2 "-`p01_1' - `gamma'"  // -p01.1 - gamma
        _larger `touse' `lower' `first_lower' 3 "`p01_0' + `p11_0' - `p01_1' - `p11_1' - 2 * `gamma'"  // -ATM - 2gamma
        _larger `touse' `lower' `first_lower' 4 "`p10_1' - `p00_0' - `p10_0' - `gamma'"  // -ATM - p00.1 - gamma
        _larger `touse' `lower' `first_lower' 5 "-`p00_0' - `p10_0' - `p00_1'"  // -p00.0 - p10.0 - p00.1
        _larger `touse' `lower' `first_lower' 6 "-`p01_0' - `p11_0' - `p01_1'"  // -p01.0 - p11.0 - p01.1
        * The upper bound is the smallest of these terms.
        _smaller `touse' `upper' `first_upper' 1 "`p10_1' + `p11_1'"  // p10.1 + p11.1
        _smaller `touse' `upper' `first_upper' 2 "`p11_1' + `gamma'"  // p11.1 + gamma
        _smaller `touse' `upper' `first_upper' 3 "`p01_1' + `p11_1' - `p01_0' - `p11_0' + 2 * `gamma'"  // ATM + 2gamma
        _smaller `touse' `upper' `first_upper' 4 "`p00_0' + `p10_0' - `p00_1' + `gamma'"  // ATM + p10.1 + gamma
        _smaller `touse' `upper' `first_upper' 5 "`p00_0' + `p10_0' + `p10_1'"  // p00.0 + p10.0 + p10.1
        _smaller `touse' `upper' `first_upper' 6 "`p01_0' + `p11_0' + `p11_1'"  // p01.0 + p11.0 + p11.1
    }
    if "`estimand'" == "zeta0" {
        * The lower bound is the largest of these terms.
        _larger `touse' `lower' `first_lower' 1 "-`p10_0' - `p11_0'"  // -p10.0 - p11.0
        _larger `touse' `lower' `first_lower' 2 "`p01_0' - `p10_0' - `p01_1' - `gamma'"  // p01.0 - p10.0 - p01.1 - gamma
        _larger `touse' `lower' `first_lower' 3 "`p10_1' - `p10_0' - `p11_0' - `gamma'"  // p10.1 - p10.0 - p11.0 - gamma
        _larger `touse' `lower' `first_lower' 4 "`p11_1' - `p00_0' - 2 * `p10_0' - `p11_0'"  // p11.1 - p00.0 - 2p10.0 - p11.0
        _larger `touse' `lower' `first_lower' 5 "`p10_1' - `p01_0' - `p10_0' - 2 * `p11_0'"  // p10.1 - p01.0 - p10.0 - 2p11.0
        _larger `touse' `lower' `first_lower' 6 "`p01_0' + `p10_1' - `p10_0' - `p01_1' - 2 * `gamma'"  // p01.0 + p10.1 - p10.0 - p01.1 - 2gamma
        * The upper bound is the smallest of these terms.
        _smaller `touse' `upper' `first_upper' 1 "`p00_0' + `p01_0'"  // p00.0 + p01.0
        _smaller `touse' `upper' `first_upper' 2 "`p00_0' + `p01_0' - `p00_1' + `gamma'"  // p00.0 + p01.0 - p00.1 + gamma
        _smaller `touse' `upper' `first_upper' 3 "`p00_0' + `p11_1' - `p11_0' + `gamma'"  // p00.0 + p11.1 - p11.0 + gamma
        _smaller `touse' `upper' `first_upper' 4 "`p00_0' + 2 * `p01_0' + `p11_0' - `p00_1'"  // p00.0 + 2p01.0 + p11.0 - p00.1
        _smaller `touse' `upper' `first_upper' 5 "2 * `p00_0' + `p01_0' + `p10_0' - `p01_1'"  // 2p00.0 + p01.0 + p10.0 - p01.1
        _smaller `touse' `upper' `first_upper' 6 "`p00_0' + `p11_1' - `p11_0' - `p00_1' + 2 * `gamma'"  // p00.0 + p11.1 - p11.0 - p00.1 + 2gamma
    }
    if "`estimand'" == "zeta1" {
        * The lower bound is the largest of these terms.
        _larger `touse' `lower' `first_lower' 1 "-`p00_1' - `p01_1'"  // -p00.1 - p01.1
        _larger `touse' `lower' `first_lower' 2 "`p01_0' - `p00_1' - `p01_1' - `gamma'"  // p01.0 - p00.1 - p01.1 - gamma
        _larger `touse' `lower' `first_lower' 3 "`p10_1' - `p10_0' - `p01_1' - `gamma'"  // p10.1 - p10.0 - p01.1 - gamma
        _larger `touse' `lower' `first_lower' 4 "`p00_0' - `p00_1' - 2 * `p01_1' - `p11_1'"  // p00.0 - p00.1 - 2p01.1 - p11.1
        _larger `touse' `lower' `first_lower' 5 "`p01_0' - 2 * `p00_1' - `p01_1' - `p10_1'"  // p01.0 - 2p00.1 - p01.1 - p10.1
        _larger `touse' `lower' `first_lower' 6 "`p01_0' + `p10_1' - `p10_0' - `p01_1' - 2 * `gamma'"  // p01.0 + p10.1 - p10.0 - p01.1 - 2gamma
        * The upper bound is the smallest of these terms.
        _smaller `touse' `upper' `first_upper' 1 "`p10_1' + `p11_1'"  // p10.1 + p11.1
        _smaller `touse' `upper' `first_upper' 2 "`p00_0' + `p11_1' - `p00_1' + `gamma'"  // p00.0 + p11.1 - p00.1 + gamma
        _smaller `touse' `upper' `first_upper' 3 "`p10_1' + `p11_1' - `p11_0' + `gamma'"  // p10.1 + p11.1 - p11.0 + gamma
        _smaller `touse' `upper' `first_upper' 4 "`p01_1' + `p10_1' + 2 * `p11_1' - `p10_0'"  // p01.1 + p10.1 + 2p11.1 - p10.0
        _smaller `touse' `upper' `first_upper' 5 "`p00_1' + 2 * `p10_1' + `p11_1' - `p11_0'"  // p00.1 + 2p10.1 + p11.1 - p11.0
        _smaller `touse' `upper' `first_upper' 6 "`p00_0' + `p11_1' - `p11_0' - `p00_1' + 2 * `gamma'"  // p00.0 + p11.1 - p11.0 - p00.1 + 2gamma
    }
    foreach side in lower upper {
        quietly replace ``side'' = cond(abs(`over') <= 1e-14, ., ``side'' / `over') if `touse'
    }

    * The testable implications.
    if "`violations'" != "" {
        forvalues number = 1/1 {
            confirm new variable `violations'`number'
        }
        _shortfall `touse' `violations' 1 "`p01_0' + `p11_0' - `p01_1' - `p11_1' - `gamma'" "ATM + gamma >= 0"
    }

    * Everything is well: keep the results.
    tokenize `generate'
    quietly generate double `1' = `lower'
    quietly generate double `2' = `upper'
    if "`active'" != "" {
        tokenize `active'
        quietly generate long `1' = `first_lower'
        quietly generate long `2' = `first_upper'
    }
    quietly count if `touse'
    return scalar N = r(N)
    return local estimand "`estimand'"
end

* A term of a lower bound: the bound is the largest; the number of the first term that attains it is kept.
program define _larger
    args touse best first number term
    tempvar value
    quietly generate double `value' = `term' if `touse'
    quietly replace `first' = `number' if `touse' & (missing(`best') | `value' > `best')
    quietly replace `best' = max(`best', `value') if `touse'
end

* A term of an upper bound: the bound is the smallest.
program define _smaller
    args touse best first number term
    tempvar value
    quietly generate double `value' = `term' if `touse'
    quietly replace `first' = `number' if `touse' & (missing(`best') | `value' < `best')
    quietly replace `best' = min(`best', `value') if `touse'
end

* A parameter: a number, a variable or an expression, within its range.
program define _parameter
    args touse value name given low high
    if `"`given'"' == "" {
        display as error "parameter `name' has no value; give `name'(#)"
        exit 198
    }
    capture generate double `value' = `given' if `touse'
    if _rc {
        display as error "parameter `name' is not a number, a variable or an expression: `given'"
        exit 198
    }
    capture assert !missing(`value') & `value' >= `low' & `value' <= `high' if `touse'
    if _rc {
        display as error "parameter `name' must be between `low' and `high'"
        exit 198
    }
end

* The cells of an arm sum to one, or where not all of them are observed to at most one.
program define _arm
    args touse least names total
    tempvar sum
    quietly generate double `sum' = `total' if `touse'
    capture assert `sum' <= 1 + 1e-9 & `sum' >= `least' - 1e-9 if `touse'
    if _rc {
        display as error "the cells `names' must sum to " cond(`least' == 1, "1", "at most 1") " in every observation"
        exit 198
    }
end

* By how much a testable implication fails; 0 where it holds.
program define _shortfall
    args touse stub number value condition
    quietly generate double `stub'`number' = max(0, `value') if `touse'
    label variable `stub'`number' "`condition'"
end
