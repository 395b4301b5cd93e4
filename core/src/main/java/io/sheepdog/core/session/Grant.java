package io.sheepdog.core.session;

import io.sheepdog.protocol.ResultCode;

/**
 * Whether a session may write to a VDI.
 *
 * @param code SUCCESS, or what the client is told
 * @param generation lock generation under which the write counts as under way (R12); 0 unless
 *     SUCCESS
 */
public record Grant(ResultCode code, long generation) {
  /** A refusal. */
  public static Grant refused(ResultCode code) {
    return new Grant(code, 0);
  }
}
