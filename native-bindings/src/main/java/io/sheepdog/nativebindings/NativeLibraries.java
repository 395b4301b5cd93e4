package io.sheepdog.nativebindings;

import com.sun.jna.Library;
import com.sun.jna.Native;

/** Loads shared libraries by the name that stands for their binary interface. */
public final class NativeLibraries {
  private NativeLibraries() {}

  /**
   * Loads a library.
   *
   * @param name file name with the number of the interface, such as {@code libcpg.so.4}
   * @param debianPackage the package that brings it
   * @throws MissingLibraryException if this machine does not have it
   */
  public static <T extends Library> T load(Class<T> mirror, String name, String debianPackage) {
    try {
      return Native.load(name, mirror);
    } catch (UnsatisfiedLinkError e) {
      throw new MissingLibraryException(name, debianPackage, e);
    }
  }
}
