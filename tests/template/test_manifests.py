"""What the manifests promise beside being valid, which `newapi verify` sees to."""

import re
from typing import TypeVar, cast

import msgspec
import pytest
import yaml

from newapi.answers import Questionnaire
from newapi.render import render
from newapi.template import Template
from newapi.tree import Tree

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


class Command(msgspec.Struct, frozen=True):
    command: list[str] = []


class Probe(msgspec.Struct, frozen=True):
    exec: Command = Command()


class Container(msgspec.Struct, rename="camel"):
    security_context: dict[str, object]
    resources: dict[str, object]
    startup_probe: Probe = Probe()
    liveness_probe: Probe = Probe()


class Pod(msgspec.Struct, rename="camel"):
    containers: list[Container]
    security_context: dict[str, object]
    automount_service_account_token: bool = True
    enable_service_links: bool = True
    termination_grace_period_seconds: int = 30


class PodTemplate(msgspec.Struct):
    spec: Pod


class Metadata(msgspec.Struct):
    labels: dict[str, str]


class WorkloadSpec(msgspec.Struct):
    template: PodTemplate
    replicas: int | None = None


class Workload(msgspec.Struct):
    metadata: Metadata
    spec: WorkloadSpec

    @property
    def component(self) -> str:
        return self.metadata.labels["app.kubernetes.io/component"]

    @property
    def pod(self) -> Pod:
        return self.spec.template.spec


class AutoscalerSpec(msgspec.Struct, rename="camel"):
    min_replicas: int


class Autoscaler(msgspec.Struct):
    spec: AutoscalerSpec


class Generator(msgspec.Struct):
    literals: list[str]


class Kustomization(msgspec.Struct, rename="camel"):
    config_map_generator: list[Generator] = []


Kind = TypeVar("Kind")


@pytest.fixture(scope="module")
def tree(own: Template) -> Tree:
    return render(own, Questionnaire(own).complete(own.presets["production"]))


def objects(tree: Tree, name: str, kind: type[Kind]) -> list[Kind]:
    texts = (file.content for path, file in tree.files.items() if re.match(r"deploy/base/.*\.yaml", path))
    found = (cast("dict[str, object]", one) for text in texts for one in yaml.safe_load_all(text))
    return [msgspec.convert(one, kind) for one in found if one["kind"] == name]


def deployment(tree: Tree, component: str) -> Workload:
    (found,) = (one for one in objects(tree, "Deployment", Workload) if one.component == component)
    return found


def settings(tree: Tree) -> dict[str, str]:
    """What everybody may read."""
    (base,) = objects(tree, "Kustomization", Kustomization)
    return dict(literal.split("=") for generator in base.config_map_generator for literal in generator.literals)


def test_every_pod_is_of_the_restricted_kind(tree: Tree) -> None:
    workloads = objects(tree, "Deployment", Workload) + objects(tree, "Job", Workload)

    assert {workload.component for workload in workloads} == {"api", "worker", "migration"}
    for pod in (workload.pod for workload in workloads):
        assert (pod.automount_service_account_token, pod.enable_service_links) == (False, False)
        assert pod.security_context.items() >= {"runAsNonRoot": True, "runAsUser": 10001}.items()
        assert pod.security_context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert [container.security_context for container in pod.containers] == [RESTRICTED]
        assert [set(container.resources) for container in pod.containers] == [{"requests", "limits"}]


def test_a_pod_has_the_time_to_drain(tree: Tree) -> None:
    given = settings(tree)

    grace = deployment(tree, "api").pod.termination_grace_period_seconds
    assert grace > int(given["SERVER_DRAIN_SECONDS"]) + int(given["SERVER_KILL_TIMEOUT"])
    assert deployment(tree, "worker").pod.termination_grace_period_seconds > int(given["JOBS_GRACE"])


def test_a_worker_is_seen_to_live_by_the_file_that_it_touches(tree: Tree) -> None:
    heartbeat = settings(tree)["JOBS_HEARTBEAT"]

    (container,) = deployment(tree, "worker").pod.containers
    for probe in (container.startup_probe, container.liveness_probe):
        assert heartbeat in " ".join(probe.exec.command)


def test_no_new_pod_is_there_before_the_database_is_up_to_date(own: Template, tree: Tree) -> None:
    service = render(own, Questionnaire(own).complete({**own.presets["production"], "jobs": "none"}))

    assert "component notin (api,worker)'" in tree.files["deploy/README.md"].content.decode()
    assert "component!=api'" in service.files["deploy/README.md"].content.decode()


def test_settings_that_everybody_may_read_are_settings_and_no_secrets(tree: Tree) -> None:
    example = tree.files[".env.example"].content.decode()
    known = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", example))
    without_default = set(re.findall(r"(?m)^([A-Z_]+)=", example)) - {"LOG_FORMAT"}

    assert set(settings(tree)) <= known - without_default
    assert objects(tree, "Secret", object) == []


def test_one_worker_a_pod_and_never_less_than_two_pods(tree: Tree) -> None:
    (autoscaler,) = objects(tree, "HorizontalPodAutoscaler", Autoscaler)

    assert settings(tree)["SERVER_WORKERS"] == "1"
    assert autoscaler.spec.min_replicas >= 2
    assert deployment(tree, "api").spec.replicas is None
