"""Where {% static %} points: to hashed, compressed files once they are collected, to the sources before."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedOrNot(CompressedManifestStaticFilesStorage):
    """Without a manifest (tests, `runserver`, a fresh clone) names stay as they are; WhiteNoise finds the sources."""

    def stored_name(self, name: str) -> str:
        return super().stored_name(name) if self.hashed_files else name
