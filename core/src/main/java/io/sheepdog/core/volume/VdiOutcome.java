package io.sheepdog.core.volume;

import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * How an operation on a VDI ended.
 *
 * @param code SUCCESS or the reason
 * @param entry the VDI it was about, null unless SUCCESS
 */
record VdiOutcome(ResultCode code, @Nullable VdiEntry entry) {
  static VdiOutcome of(VdiEntry entry) {
    return new VdiOutcome(ResultCode.SUCCESS, entry);
  }

  static CompletionStage<VdiOutcome> refused(ResultCode code) {
    return CompletableFuture.completedFuture(new VdiOutcome(code, null));
  }
}
