package io.sheepdog.integration.qemu;

import io.sheepdog.integration.process.Host;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The guest itself works, on a plain file: what fails elsewhere is then not its fault. */
@Tag(Qemu52.TAG)
@Timeout(180)
final class GuestImageIT {

  @TempDir private Path directory = Path.of("");

  @Test
  void theGuestBootsFromAPlainFileAndVerifiesWhatItWrites() throws Exception {
    Path disk = Files.copy(GuestImage.disk(), directory.resolve("disk.raw"));

    try (Host host = Host.isolated();
        Guest guest =
            Guest.start(
                new Shell(host, List.of(Qemu52.bin())), "--drive format=raw,file=" + disk)) {
      guest.awaitReady("disk");
      guest.ask("write Q 115 2", "WROTE");
      guest.ask("verify Q 115 2", "VERIFIED");
      guest.ask("verify R 115 2", "DIFFERS");
      guest.powerOff();
    }
  }
}
