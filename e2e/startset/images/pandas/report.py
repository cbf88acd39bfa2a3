"""A report as a scheduled job makes it: a table, a model, a picture."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(7)
frame = pd.DataFrame({"load": rng.uniform(0, 100, 200)})
frame["draught"] = 1.2 + 0.03 * frame["load"] + rng.normal(0, 0.1, len(frame))
frame["class"] = pd.cut(frame["load"], 4, labels=list("abcd"))

known, unseen = train_test_split(frame, random_state=7)
model = LinearRegression().fit(known[["load"]], known["draught"])
print("R2 %.3f" % model.score(unseen[["load"]], unseen["draught"]))
print(frame.groupby("class", observed=False)["draught"].mean().round(2).to_string())

figure, axes = plt.subplots()
axes.scatter(frame["load"], frame["draught"], s=4)
axes.set_xlabel("load in t")
figure.savefig("/tmp/draught.png")
