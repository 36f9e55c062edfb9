"""A report is data."""

from mended_model import cost, gradient, params

from gradcheck import check_gradients

report = check_gradients(cost, params, grad=gradient)
report.save("report.html")  # or .md .json .csv .txt
worst = report.tensors["W"].worst
print(report.verdict.name, report.evaluations, "evaluations")
print(f"{worst.name}: claimed {worst.claim:.6g}, measured {worst.estimate:.6g} ± {worst.uncertainty:.0e}")
