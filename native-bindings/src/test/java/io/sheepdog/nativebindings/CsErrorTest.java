package io.sheepdog.nativebindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sheepdog.nativebindings.CsError.Category;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class CsErrorTest {
  /** Rows of corosync/corotypes.h. */
  @ParameterizedTest
  @CsvSource({
    "2, CS_ERR_LIBRARY, FATAL",
    "6, CS_ERR_TRY_AGAIN, RETRY",
    "9, CS_ERR_BAD_HANDLE, FATAL",
    "11, CS_ERR_ACCESS, FAIL",
    "14, CS_ERR_EXIST, FAIL",
    "23, CS_ERR_QUEUE_FULL, RETRY",
    "28, CS_ERR_CONTEXT_NOT_FOUND, FAIL",
    "30, CS_ERR_TOO_MANY_GROUPS, FAIL",
    "100, CS_ERR_SECURITY, FAIL",
  })
  void numbersHaveTheNamesOfTheHeader(int code, CsError error, Category category) {
    assertThat(CsError.of(code)).isEqualTo(error);
    assertThat(error.category()).isEqualTo(category);
  }

  @ParameterizedTest
  @EnumSource
  void numberAndNameBelongTogether(CsError error) {
    assertThat(CsError.of(error.code())).isEqualTo(error);
  }

  @Test
  void numberThatNoHeaderKnowsIsShown() {
    assertThatThrownBy(() -> CorosyncException.check("cpg_join", 77))
        .isInstanceOf(CorosyncException.class)
        .hasMessage("cpg_join answered UNKNOWN (77)");
  }

  @Test
  void oneIsSuccess() {
    assertThatCode(() -> CorosyncException.check("cpg_join", 1)).doesNotThrowAnyException();
  }
}
