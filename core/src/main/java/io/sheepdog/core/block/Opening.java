package io.sheepdog.core.block;

/** How an attempt to open, or to describe, a volume ended. */
public sealed interface Opening {
  /** It is open; whoever asked closes it. */
  record Opened(OpenVolume volume) implements Opening {}

  /**
   * It is not.
   *
   * @param reason for programs
   * @param text for people: what, why, and what to do
   */
  record Refused(Reason reason, String text) implements Opening {}

  /** Why a volume cannot be opened. */
  enum Reason {
    /** There is none of that name. */
    UNKNOWN,
    /** Somebody else has it. */
    IN_USE,
    /** The cluster does not serve anything now. */
    NOT_READY,
    /** It went wrong. */
    FAILED
  }
}
