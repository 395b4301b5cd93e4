package io.sheepdog.cli.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes of spec/cli-collie-2010.md section 2.1 and spec/cli-dog-1.0.md section 1.6. */
@Timeout(30)
final class SizesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.0 MB",
    "524288, 0.5 MB",
    "1048576, 1.0 MB",
    "10485760, 10 MB",
    "1072693248, 1023 MB",
    "1073741824, 1.0 GB",
    "2147483648, 2.0 GB",
    "1717986918, 1.6 GB",
    "10694468567, 10.0 GB",
    "42949672960, 40 GB",
    "274877906944, 256 GB",
    "4398046511104, 4.0 TB",
    "1152921504606846976, 1.0 EB",
    "9223372036854775807, 8.0 EB"
  })
  void sizesHaveAtMostOneDecimal(long bytes, String text) {
    assertThat(Sizes.human(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "262144, 0.2 MB", // 0.25: to the even digit
    "786432, 0.8 MB", // 0.75
    "367001, 0.3 MB", // just below 0.35
    "367002, 0.4 MB", // just above
    "11010048, 10 MB", // 10.5: to the even number
    "12058624, 12 MB", // 11.5
    "1441151880758558720, 1.2 EB", // 1.25
    "1441151880758558721, 1.3 EB" // one byte more
  })
  void halvesGoToTheEvenDigit(long bytes, String text) {
    assertThat(Sizes.human(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512",
    "512b, 512",
    "40G, 42949672960",
    "40g, 42949672960",
    "1.5G, 1610612736",
    "1e3, 1000",
    "1e3k, 1024000",
    "0x10M, 16777216",
    "0x1b, 27",
    "0x10p, 18014398509481984",
    "1.0001, 1",
    "1P, 1125899906842624",
    "922337203685477580, 922337203685477580",
    "9007199254740993, 9007199254740993"
  })
  void sizesAreReadAsCReadsThem(String text, long bytes) {
    assertThat(Sizes.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "G", "40GB", "40Q", "4 G", "1.5.2", "nan", "inf", "0x", "1e", "--1", "40Gi"})
  void anythingElseIsNoSize(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.parse(text))
        .withMessageStartingWith("Invalid size '" + text + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807", "8192P", "1e19", "1e999999999", "99999999999999P"})
  void tooMuchIsSaidSo(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.parse(text))
        .withMessageContaining("too large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "-0.5G"})
  void nothingIsNegative(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.parse(text))
        .withMessageContaining("negative");
  }
}
