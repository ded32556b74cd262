from newapi.outline import outline


def test_folders_come_first_and_names_are_in_order() -> None:
    assert outline(["b.txt", "a.txt", "src/shop/app.py", "src/shop/__main__.py"]) == [
        "├── src/",
        "│   └── shop/",
        "│       ├── __main__.py",
        "│       └── app.py",
        "├── a.txt",
        "└── b.txt",
    ]


def test_a_long_tree_becomes_its_upper_folders_with_the_number_of_files() -> None:
    paths = [f"src/shop/tasks/{n}.py" for n in range(10)] + ["src/shop/app.py", "README.md", "docs/index.md"]

    assert outline(paths, most=5) == [
        "├── docs/",
        "│   └── index.md",
        "├── src/",
        "│   └── shop/  11 files",
        "└── README.md",
    ]


def test_the_first_level_is_always_shown() -> None:
    assert outline(["a/x", "b/y", "c"], most=1) == ["├── a/  1 file", "├── b/  1 file", "└── c"]
