import pytest

from explorer.tables import Table, Tables, UnknownNameError


def test_names_come_in_order_whatever_the_order_of_entry():
    table = Table[int]("surface")
    for name in ("saddle", "beale", "quadratic"):
        table.add(name, len(name))
    assert list(table) == ["beale", "quadratic", "saddle"]
    assert table["beale"] == 5 and "saddle" in table and len(table) == 3


def test_duplicates_are_refused_and_the_first_stays():
    table = Table[int]("surface")
    table.add("saddle", 1)
    with pytest.raises(ValueError, match="already there"):
        table.add("saddle", 2)
    assert table["saddle"] == 1


@pytest.mark.parametrize("name", ["", "two words", "../up", "a.b", "3d"])
def test_names_are_plain_identifiers(name):
    with pytest.raises(ValueError, match="identifier"):
        Table[int]("surface").add(name, 1)


def test_an_unknown_name_suggests_its_neighbour():
    table = Table[int]("optimizer")
    table.add("momentum", 1)
    table.add("adam", 2)
    with pytest.raises(UnknownNameError) as caught:
        table["adm"]
    assert "did you mean adam?" in str(caught.value)
    with pytest.raises(UnknownNameError) as caught:
        table["zzz"]
    assert "known: adam, momentum" in str(caught.value)


def test_two_sets_of_tables_share_nothing():
    one, other = Tables(), Tables()
    one.surfaces.add("saddle", object())
    assert "saddle" not in other.surfaces
