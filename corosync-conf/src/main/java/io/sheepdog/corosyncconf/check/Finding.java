package io.sheepdog.corosyncconf.check;

/**
 * One mistake in a file.
 *
 * @param severity how bad it is
 * @param line number of the line, from 1; for something that is missing, the line where the section
 *     begins to which it belongs, or the last line of the file
 * @param key stable name of the mistake for programs, such as {@code trailing-comment}
 * @param what what is wrong
 * @param why what corosync or sheepdog makes of it
 * @param remedy what to do
 */
public record Finding(
    Severity severity, int line, String key, String what, String why, String remedy) {

  /** Whether it is an error. */
  public boolean isError() {
    return severity == Severity.ERROR;
  }
}
