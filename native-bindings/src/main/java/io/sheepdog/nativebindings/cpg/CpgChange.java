package io.sheepdog.nativebindings.cpg;

/**
 * One process that came or went.
 *
 * @param process which
 * @param reason why
 */
public record CpgChange(CpgProcess process, CpgReason reason) {
  @Override
  public String toString() {
    return process + ":" + reason;
  }
}
