package io.sheepdog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ResultCodeTest {
  @Test
  void everyCodeLeadsBackToItsResult() {
    for (ResultCode result : ResultCode.values()) {
      assertThat(ResultCode.fromCode(result.code())).isSameAs(result);
      assertThat(result.collieText()).isNotBlank();
      assertThat(result.dogText()).isNotBlank();
    }
    assertThat(ResultCode.fromCode(0x1b)).isNull();
    assertThat(ResultCode.fromCode(-1)).isNull();
    assertThat(ResultCode.fromCode(0x100)).isNull();
  }

  @Test
  void textsThatOtherProgramsMatchAreSpeltAsIn2010() {
    assertThat(ResultCode.collieText(0x08)).isEqualTo("No vdi found");
    assertThat(ResultCode.collieText(0x0e)).isEqualTo("Failed to find the requested tag");
    assertThat(ResultCode.collieText(0x16)).isEqualTo("Waiting for a format operation");
    assertThat(ResultCode.collieText(0x0a)).isEqualTo("Failed read the requested VDI");
  }

  @Test
  void dogHasItsOwnSpelling() {
    assertThat(ResultCode.dogText(0x08)).isEqualTo("No VDI found");
    assertThat(ResultCode.dogText(0x0e)).isEqualTo("Failed to find requested tag");
    assertThat(ResultCode.dogText(0x16)).isEqualTo("Waiting for cluster to be formatted");
    assertThat(ResultCode.dogText(0x19))
        .isEqualTo("IO has halted as there are not enough living nodes");
  }

  @Test
  void internalCodesOf2010KeepTheirTexts() {
    assertThat(ResultCode.OLD_NODE_VER.collieText()).isEqualTo("Remote node has an old epoch");
    assertThat(ResultCode.INVALID_CTIME.collieText()).isEqualTo("Creation time is different");
  }

  @Test
  void unknownCodesAreNamedAsTheToolsDo() {
    assertThat(ResultCode.collieText(0xff)).isEqualTo("Invalid error code");
    assertThat(ResultCode.dogText(0xff)).isEqualTo("Invalid error code ff");
  }

  @Test
  void codesThat2010DidNotKnowHaveOneText() {
    assertThat(ResultCode.HALT.collieText()).isEqualTo(ResultCode.HALT.dogText());
  }
}
