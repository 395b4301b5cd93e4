package io.sheepdog.core.vdi;

import io.sheepdog.protocol.ResultCode;
import org.jspecify.annotations.Nullable;

/**
 * Answer to "which vid has this name, tag or snapshot id" (spec/object-model.md section 2.2).
 *
 * @param code SUCCESS, NO_VDI, or NO_TAG (the name has a working VDI, but no such snapshot)
 * @param entry what was found, null unless SUCCESS
 */
public record VdiLookup(ResultCode code, @Nullable VdiEntry entry) {
  static VdiLookup found(VdiEntry entry) {
    return new VdiLookup(ResultCode.SUCCESS, entry);
  }

  static VdiLookup missing(ResultCode code) {
    return new VdiLookup(code, null);
  }

  /** Whether something was found. */
  public boolean isFound() {
    return entry != null;
  }
}
