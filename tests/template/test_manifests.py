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


class Container(msgspec.Struct, rename="camel"):
    security_context: dict[str, object]
    resources: dict[str, object]


class Pod(msgspec.Struct, rename="camel"):
    containers: list[Container]
    security_context: dict[str, object]
    automount_service_account_token: bool = True
    enable_service_links: bool = True
    termination_grace_period_seconds: int = 30


class PodTemplate(msgspec.Struct):
    spec: Pod


class WorkloadSpec(msgspec.Struct):
    template: PodTemplate
    replicas: int | None = None


class Workload(msgspec.Struct):
    spec: WorkloadSpec

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


def settings(tree: Tree) -> dict[str, str]:
    """What everybody may read."""
    (base,) = objects(tree, "Kustomization", Kustomization)
    return dict(literal.split("=") for generator in base.config_map_generator for literal in generator.literals)


def test_every_pod_is_of_the_restricted_kind(tree: Tree) -> None:
    workloads = objects(tree, "Deployment", Workload) + objects(tree, "Job", Workload)

    assert len(workloads) >= 2
    for pod in (workload.pod for workload in workloads):
        assert (pod.automount_service_account_token, pod.enable_service_links) == (False, False)
        assert pod.security_context.items() >= {"runAsNonRoot": True, "runAsUser": 10001}.items()
        assert pod.security_context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert [container.security_context for container in pod.containers] == [RESTRICTED]
        assert [set(container.resources) for container in pod.containers] == [{"requests", "limits"}]


def test_a_pod_has_the_time_to_drain(tree: Tree) -> None:
    (deployment,) = objects(tree, "Deployment", Workload)
    given = settings(tree)

    grace = deployment.pod.termination_grace_period_seconds
    assert grace > int(given["SERVER_DRAIN_SECONDS"]) + int(given["SERVER_KILL_TIMEOUT"])


def test_settings_that_everybody_may_read_are_settings_and_no_secrets(tree: Tree) -> None:
    example = tree.files[".env.example"].content.decode()
    known = set(re.findall(r"(?m)^(?:# )?([A-Z_]+)=", example))
    without_default = set(re.findall(r"(?m)^([A-Z_]+)=", example)) - {"LOG_FORMAT"}

    assert set(settings(tree)) <= known - without_default
    assert objects(tree, "Secret", object) == []


def test_one_worker_a_pod_and_never_less_than_two_pods(tree: Tree) -> None:
    (autoscaler,) = objects(tree, "HorizontalPodAutoscaler", Autoscaler)
    (deployment,) = objects(tree, "Deployment", Workload)

    assert settings(tree)["SERVER_WORKERS"] == "1"
    assert autoscaler.spec.min_replicas >= 2
    assert deployment.spec.replicas is None
