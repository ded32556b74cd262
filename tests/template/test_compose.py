"""What the compose file promises beside being valid, which `newapi verify` sees to."""

from collections.abc import Mapping

import msgspec

from newapi.tree import Tree

KEPT = {"database": "/var/lib/postgresql/data", "redis": "/data"}  # where their images keep what they have


class Service(msgspec.Struct):
    cpus: float | None = None
    volumes: list[str] = []


class Compose(msgspec.Struct):
    services: dict[str, Service]
    volumes: dict[str, None] = {}


def composes(variants: Mapping[str, Tree]) -> list[Compose]:
    files = [tree.files["compose.yaml"] for tree in variants.values() if "compose.yaml" in tree.files]
    assert files
    return [msgspec.yaml.decode(file.content, type=Compose) for file in files]


def test_it_starts_on_a_machine_with_one_core(variants: Mapping[str, Tree]) -> None:
    assert not any(service.cpus for compose in composes(variants) for service in compose.services.values())


def test_what_is_kept_has_a_name(variants: Mapping[str, Tree]) -> None:
    for compose in composes(variants):
        mounts = [volume.split(":") for service in compose.services.values() for volume in service.volumes]
        assert {name for name, _ in mounts} == set(compose.volumes)
        for name in KEPT.keys() & compose.services.keys():
            assert any(volume.endswith(f":{KEPT[name]}") for volume in compose.services[name].volumes), name
