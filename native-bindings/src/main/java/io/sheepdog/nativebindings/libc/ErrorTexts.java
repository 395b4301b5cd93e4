package io.sheepdog.nativebindings.libc;

import io.sheepdog.nativebindings.MissingLibraryException;
import io.sheepdog.nativebindings.NativeLibraries;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What strerror(3) calls errors, in the language of this process: all that the JDK's exceptions
 * tell of an errno.
 */
public final class ErrorTexts {
  private static final List<String> ENGLISH =
      List.of(
          "Input/output error",
          "No such device",
          "Read-only file system",
          "Bad message",
          "Structure needs cleaning",
          "Remote I/O error");

  private ErrorTexts() {}

  /**
   * The texts of these errors in the language of the process. Where the C library cannot be asked,
   * English ones of the errors of disks.
   */
  public static List<String> of(int... errors) {
    CLibrary library;
    try {
      library = NativeLibraries.load(CLibrary.class, CLibrary.NAME, CLibrary.DEBIAN_PACKAGE);
    } catch (MissingLibraryException e) {
      return ENGLISH;
    }
    List<String> texts = new ArrayList<>();
    for (int error : errors) {
      @Nullable String text = library.strerror(error);
      if (text != null && !text.isEmpty()) {
        texts.add(text);
      }
    }
    return List.copyOf(texts);
  }
}
