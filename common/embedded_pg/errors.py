"""What can be wrong, each with the way out."""


class EmbeddedPostgresError(RuntimeError):
    """The server cannot be had. The message is one line, Chinese then English, and says what to do."""


class BinariesMissing(EmbeddedPostgresError):
    pass


class FolderUnusable(EmbeddedPostgresError):
    pass


class OtherVersion(EmbeddedPostgresError):
    pass


class StartFailed(EmbeddedPostgresError):
    pass
