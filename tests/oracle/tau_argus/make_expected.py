"""Random tables of one gemeente, wijk x age, suppressed by tau-ARGUS: which cells are withheld.

    pip install pytauargus==0.6.0        (EUPL; the solver comes with it)
    python make_expected.py > expected.csv

A respondent counts 1; a cell is unsafe with fewer than 50 of them, and its interval must leave 50 % of the count open. `OPT` is the optimal
suppression of tau-ARGUS with equal costs per respondent (the response). Rows: table, wijk, age, n, status of tau-ARGUS (`safe`, `primary`, `secondary`).
"""

import random

import pytauargus

print("table,wijk,age,n,status")
random.seed(2022)
for table in range(30):
    wijken, ages = random.randint(3, 7), random.randint(2, 4)
    rows = []
    counts = {}
    for wijk in range(wijken):
        size = random.choice([60, 90, 140, 220, 300])
        for age in range(ages):
            n = max(1, int(random.gauss(size, size / 2)))
            counts[wijk, age] = n
            rows += [{"wijk": f"w{wijk}", "age": f"a{age}", "people": 1.0}] * n
    result = pytauargus.protect(rows, ["wijk", "age"], "people", safety_rules="FREQ(50,50)", suppress="OPT(1)")
    for row in result.tables[0].rows:
        status = {"S": "safe", "U": "primary", "M": "secondary"}[row["status"]]
        print(f"{table},{row['wijk']},{row['age']},{row['freq']},{status}")
