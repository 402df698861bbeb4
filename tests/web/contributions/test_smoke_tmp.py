import pytest
from tests.registering import register, hand_in
pytestmark=pytest.mark.django_db
def test_pages(cast, browse):
    c=register(cast); l=hand_in(cast,c)
    b=browse(cast.contractor)
    for u in (f"/opdrachten/{c}/inspanningen/nieuw", f"/opdrachten/{c}/inspanningen/kopie", f"/opdrachten/{c}/inspanningen/concepten", f"/inspanningen/{l}", f"/opdrachten/{c}/bestand", f"/inspanningen/{l}/intrekken"):
        r=b.get(u); print(u, r.status_code, len(r.content))
        assert r.status_code==200
