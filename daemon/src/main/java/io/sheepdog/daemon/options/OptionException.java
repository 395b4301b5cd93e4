package io.sheepdog.daemon.options;

import org.jspecify.annotations.Nullable;

/** The command line cannot be obeyed. */
public final class OptionException extends Exception {
  private static final long serialVersionUID = 1L;

  private final @Nullable String explanation;

  /** A mistake that the message explains by itself. */
  public OptionException(String message) {
    this(message, null);
  }

  /**
   * A mistake with more to say.
   *
   * @param message for standard error
   * @param explanation what is allowed, for standard output
   */
  public OptionException(String message, @Nullable String explanation) {
    super(message);
    this.explanation = explanation;
  }

  /** The message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }

  /** What is allowed, for standard output, or null. */
  public @Nullable String explanation() {
    return explanation;
  }
}
