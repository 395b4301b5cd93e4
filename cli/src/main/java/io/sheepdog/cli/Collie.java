package io.sheepdog.cli;

/** Entry point of the admin tool; the launcher names it in {@code sheepdog.cli.name}. */
public final class Collie {

  private Collie() {}

  /** Prints how the tool is called. */
  public static void main(String[] args) {
    String name = System.getProperty("sheepdog.cli.name", "collie");
    System.out.println("Usage: " + name + " <command> <subcommand> [options]");
  }
}
