from __future__ import annotations

import pytest

from planner.core.place import Place, default_id, place_of


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("a.md", Place()),
        ("notes/a.md", Place()),
        ("projects/loose.md", Place()),
        ("inbox/a.md", Place(inbox=True, bare=True, header=True)),
        ("reports/a.md", Place("report", header=True)),
        ("people/a.md", Place("person", named=True, bare=True, header=True)),
        ("projects/web/menu.md", Place(project="web", header=True)),
        ("projects/web/deep/menu.md", Place(project="web", header=True)),
        ("projects/web/project.md", Place("project", group="web", bare=True, header=True)),
        ("areas/home/project.md", Place(area="home", header=True)),
        ("areas/home/area.md", Place("area", group="home", bare=True, header=True)),
        ("archive/a.md", Place(archived=True, header=True)),
        ("archive/templates/tasks/a.md", Place(archived=True, template=True, bare=True, header=True)),
        ("tasks/ReadMe.md", Place(bare=True, header=True, never=True)),
    ],
)
def test_what_a_path_says(path: str, place: Place) -> None:
    assert place_of(path) == place


@pytest.mark.parametrize(
    ("path", "id_"),
    [
        ("tasks/Buy milk.md", "buy-milk"),
        ("tasks/Ünder über.md", "uender-ueber"),
        ("tasks/漢字.md", "漢字"),
        ("tasks/.md", "md"),
        ("people/Ana.B.md", "Ana.B"),
        ("people/Ana B.md", "ana-b"),
        ("projects/Web/project.md", "Web"),
        ("projects/web/menu.md", "menu"),
    ],
)
def test_the_id_of_an_item_that_names_none(path: str, id_: str) -> None:
    assert default_id(path, place_of(path)) == id_
