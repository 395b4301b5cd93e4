package io.sheepdog.daemon;

/** Entry point of the daemon {@code sheep}. */
public final class Sheep {

  private Sheep() {}

  /** Prints how the daemon is called. */
  public static void main(String[] args) {
    System.out.println("Usage: sheep [OPTION]... [PATH]");
  }
}
