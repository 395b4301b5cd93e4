package io.sheepdog.nativebindings;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.Library;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NativeLibrariesTest {
  private interface Nothing extends Library {}

  @Test
  void missingLibraryNamesTheDebianPackage() {
    assertThatThrownBy(() -> NativeLibraries.load(Nothing.class, "libnothing.so.9", "libnothing9"))
        .isInstanceOf(MissingLibraryException.class)
        .hasMessageStartingWith(
            "libnothing.so.9 cannot be loaded; install it (Debian: apt-get install libnothing9)");
  }
}
