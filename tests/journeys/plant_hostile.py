"""`python -m tests.journeys.plant_hostile`: hostile text in every field of the shop that the environment names.

Prints the numbers of the product, the user, the order and the import of each text, and the hash of the upload, as JSON.
"""

import json
import os

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lakeshop.settings")
    django.setup()
    from django.contrib.auth.models import User

    from catalog.importing.uploads import folder
    from tests.lakeshop.hostile import TEXTS, shop

    learner = User.objects.get(username="learner").pk
    made = {name: shop(text, learner, folder()) for name, text in TEXTS.items()}
    print(
        json.dumps(
            {
                name: [each.product.pk, each.user.pk, each.order, each.imported.pk, each.upload.sha256]
                for name, each in made.items()
            }
        )
    )


if __name__ == "__main__":
    main()
