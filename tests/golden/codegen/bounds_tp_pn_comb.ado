*! version 0.1.0
* SPDX-License-Identifier: CC0-1.0
* tp_pn_comb: Probability of necessity from both kinds of data
* Source: Tian & Pearl (2000), Probabilities of causation: bounds and identification, Annals of Mathematics and Artificial Intelligence 28, 287
*
* Made by boundgen 0.1.0 from the model below (SHA-256 b975b41887b59fb0...). Do not edit; make it again with
*   boundgen generate tp_pn_comb.bounds --target stata -o derived
*
*   model tp_pn_comb "Probability of necessity from both kinds of data"
*
*   source "Tian & Pearl (2000), Probabilities of causation: bounds and identification, Annals of Mathematics and Artificial Intelligence 28, 287"
*
*   variable X in {0, 1}
*   variable Y(X) in {0, 1}
*
*   observe P(Y, X)
*   observe P(Y | do(X))
*
*   estimand pn = P(Y(0)=0 | X=1, Y=1)
*
* bounds_tp_pn_comb [varlist] [if] [in], generate(lower upper) [active(lower upper) violations(stub)]
*
* varlist: the variables that hold the cells, in this order; without it, the variables that are called so:
*   p00  P(Y=0,X=0)
*   p01  P(Y=0,X=1)
*   p10  P(Y=1,X=0)
*   p11  P(Y=1,X=1)
*   q0_0  P(Y=0|do(X=0))
*   q1_0  P(Y=1|do(X=0))
*   q0_1  P(Y=0|do(X=1))
*   q1_1  P(Y=1|do(X=1))
* generate: the new variables of the bounds. estimand: pn.
* active: new variables with the number of the term that attains each bound, counted from 1 in the order of the formulas
*   below; the first of several that are equal in floating point.
* violations: the beginning of the names of new variables that say by how much each testable implication fails, 0 where
*   it holds; their labels are the implications.
* A bound is missing where the probability of the estimand's condition is 0. Cells that are no probabilities, arms that
*   do not sum to 1 (up to 1e-9: store cells as double; to at most 1, where only some of an arm's cells are observed)
*   and parameters that are missing or out of range end in error 198. Results: r(N), r(estimand).
* Symbols:
*   p_yx = P(Y=y, X=x)
*   q_y.x = P(Y=y | do(X=x))

program define bounds_tp_pn_comb, rclass
    version 14
    syntax [varlist(numeric default=none)] [if] [in], generate(namelist min=2 max=2) ///
        [estimand(name) active(namelist min=2 max=2) violations(name)]
    marksample touse, novarlist

    * The cells are variables, in this order.
    local cells p00 p01 p10 p11 q0_0 q1_0 q0_1 q1_1
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
    local p00 : word 1 of `varlist'
    local p01 : word 2 of `varlist'
    local p10 : word 3 of `varlist'
    local p11 : word 4 of `varlist'
    local q0_0 : word 5 of `varlist'
    local q1_0 : word 6 of `varlist'
    local q0_1 : word 7 of `varlist'
    local q1_1 : word 8 of `varlist'

    * Which estimand, and which new variables.
    local estimands pn
    if "`estimand'" == "" {
        local estimand pn
    }
    if !`: list estimand in estimands' {
        display as error "there is no estimand `estimand'; estimands: `estimands'"
        exit 198
    }
    foreach new in `generate' `active' {
        confirm new variable `new'
    }
    * Cells must be probabilities, up to rounding; store them as double.
    foreach cell of local varlist {
        capture assert !missing(`cell') & `cell' >= -1e-9 if `touse'
        if _rc {
            display as error "`cell' must be a probability in every observation"
            exit 198
        }
    }
    _arm `touse' 1 "`p00' `p01' `p10' `p11'" "`p00' + `p01' + `p10' + `p11'"
    _arm `touse' 1 "`q0_0' `q1_0'" "`q0_0' + `q1_0'"
    _arm `touse' 1 "`q0_1' `q1_1'" "`q0_1' + `q1_1'"

    * The bounds.
    tempvar lower upper first_lower first_upper over
    foreach side in lower upper {
        quietly generate double ``side'' = .
        quietly generate long `first_`side'' = .
    }
    quietly generate double `over' = 1 if `touse'
    if "`estimand'" == "pn" {
        * The lower bound times the probability of its condition is the largest of these terms.
        _larger `touse' `lower' `first_lower' 1 "0"  // 0
        _larger `touse' `lower' `first_lower' 2 "`p10' + `p11' - `q1_0'"  // p10 + p11 - q1.0
        * The upper bound times the probability of its condition is the smallest of these terms.
        _smaller `touse' `upper' `first_upper' 1 "`p11'"  // p11
        _smaller `touse' `upper' `first_upper' 2 "`q0_0' - `p00'"  // q0.0 - p00
        * The probability of the condition.
        quietly replace `over' = `p11' if `touse'  // p11
    }
    foreach side in lower upper {
        quietly replace ``side'' = cond(abs(`over') <= 1e-14, ., ``side'' / `over') if `touse'
    }

    * The testable implications.
    if "`violations'" != "" {
        forvalues number = 1/4 {
            confirm new variable `violations'`number'
        }
        _shortfall `touse' `violations' 1 "`p00' - `q0_0'" "q0.0 >= p00"
        _shortfall `touse' `violations' 2 "`p01' - `q0_1'" "q0.1 >= p01"
        _shortfall `touse' `violations' 3 "`p10' - `q1_0'" "q1.0 >= p10"
        _shortfall `touse' `violations' 4 "`p11' - `q1_1'" "q1.1 >= p11"
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
