"""The picture in the README: Azerbaijan and China on one day, as one article has it.

`python examples/picture.py > examples/picture.svg`
"""

import sys

from bri_timeline.chronicles import azerbaijan_china
from bri_timeline.pages import svg
from bri_timeline.relations import relationship


def main() -> None:
    picture = svg.render(
        azerbaijan_china().as_of("2019-04-25"),
        projection=relationship("AZE", "CHN"),
        title="Azerbaijan and China on 25 April 2019",
        sources=False,
    )
    sys.stdout.write(picture)


if __name__ == "__main__":
    main()
