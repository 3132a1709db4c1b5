"""Classes of torch.optim, entered by name, over the playground's surfaces."""

import numpy as np
import pytest

from explorer import jobs
from explorer.engine.torch_methods import names, parsed
from explorer.jobs import Work
from explorer.records.errors import BadRequestError, ExplorerError
from explorer.requests.race import RaceRequest, TorchRaceRequest


def runs(*entries, **fields):
    request = TorchRaceRequest(torch=entries, resolution=16, **fields)
    return jobs.result_of(request, Work(None, None)).runs


def ours(method, **fields):
    request = RaceRequest(optimizers=(method,), resolution=16, **fields)
    return jobs.result_of(request, Work(None, None)).runs[0]


@pytest.mark.parametrize(
    ("entry", "method", "hyper"),
    [
        ("SGD", "gd", {}),
        ("SGD(lr=0.0004, momentum=0.9)", "momentum", {"lr": 0.0004, "momentum": 0.9}),
        ("torch.optim.Adam(lr=0.02)", "adam", {"lr": 0.02}),
        ("RMSprop(lr=0.01, alpha=0.9, eps=1e-8)", "rmsprop", {"lr": 0.01, "beta": 0.9, "eps": 1e-8}),
    ],
)
def test_a_class_of_torch_walks_as_the_method_written_out_here(entry, method, hyper):
    (run,) = runs(entry, surface="rosenbrock", steps=60)
    other = ours(method, surface="rosenbrock", steps=60, hyper={method: hyper})
    np.testing.assert_allclose(run.points, other.points, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(run.evaluations, np.arange(61))
    assert run.status == other.status


def test_a_schedule_is_kept():
    fields = {"surface": "rosenbrock", "steps": 40, "schedule": "cosine"}
    (run,) = runs("Adam(lr=0.05)", **fields)
    other = ours("adam", hyper={"adam": {"lr": 0.05}}, **fields)
    np.testing.assert_allclose(run.rates, other.rates)
    np.testing.assert_allclose(run.points, other.points, rtol=0, atol=1e-9)


def test_what_a_line_search_asks_is_counted_and_the_budget_holds():
    (run,) = runs("LBFGS(line_search_fn='strong_wolfe')", surface="rosenbrock", steps=5)
    assert run.evaluations[-1] > 5
    (run,) = runs("LBFGS", surface="rosenbrock", steps=5, budget=30)
    assert 30 <= run.evaluations[-1] <= 30 + 20  # a step of LBFGS asks up to twenty


def test_the_same_class_may_race_twice_with_other_options():
    one, two = runs("SGD(lr=0.001)", "SGD(lr=0.0001)", surface="rosenbrock", steps=3)
    assert one.optimizer != two.optimizer
    assert one.hyper["lr"] == 0.001 and two.hyper["lr"] == 0.0001


@pytest.mark.parametrize("entry", ["", "1", "SGD(0.1)", "SGD(lr=abs(1))", "SGD()()", "SGD(lr=[", "a" * 5000 + "(", "SGD(**{})"])
def test_what_is_no_class_with_plain_options_is_refused(entry):
    with pytest.raises(BadRequestError) as refused:
        parsed(entry)
    assert refused.value.trouble.exit_code == 2


def test_an_unknown_name_says_near_ones():
    with pytest.raises(BadRequestError, match="AdamW"):
        parsed("AdmW")
    assert {"SGD", "Adam", "LBFGS"} <= set(names()) and "Optimizer" not in names()


@pytest.mark.parametrize(
    ("entry", "said"), [("SGD(lr=-1)", "Invalid learning rate"), ("SGD(x=1)", "no option x"), ("SparseAdam", "dense gradients")]
)
def test_what_torch_refuses_is_said_in_its_words(entry, said):
    with pytest.raises(ExplorerError, match=said):
        runs(entry, steps=2)


def test_divergence_ends_the_path():
    (run,) = runs("SGD(lr=1000.0)", surface="rosenbrock", steps=50)
    assert run.status in {"left the plot", "not finite"} and np.isfinite(run.points).all()
