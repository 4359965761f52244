"""The article: the chronicle of Azerbaijan and China that the library ships.

`python examples/gallery/article.py [FOLDER]`
"""

import sys
from pathlib import Path

from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import html, svg
from bri_timeline.relations import relationship


def main(folder: Path) -> None:
    log = azerbaijan_china().concerning("AZE", "CHN")
    pair, title = relationship("AZE", "CHN"), "Azerbaijan and China"
    html.render(log, projection=pair, title=title).save(folder / "article.html")
    svg.render(
        log.as_of("2019-04-25", known_by="2019-05-05"),
        projection=pair,
        title=f"{title} on 25 April 2019, as reported by 5 May",
    ).save(folder / "article.svg")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2]))
