package io.sheepdog.nativebindings;

/** A shared library is not on this machine; the message names the Debian package that brings it. */
public final class MissingLibraryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String debianPackage;

  MissingLibraryException(String library, String debianPackage, Throwable cause) {
    super(
        library
            + " cannot be loaded; install it (Debian: apt-get install "
            + debianPackage
            + "): "
            + cause.getMessage(),
        cause);
    this.debianPackage = debianPackage;
  }

  /** What to install. */
  public String debianPackage() {
    return debianPackage;
  }
}
