package io.sheepdog.nativebindings.cpg;

/**
 * A process in a group.
 *
 * @param nodeId corosync's number of its node, as an unsigned number
 * @param processId as that node counts
 */
public record CpgProcess(int nodeId, int processId) {
  @Override
  public String toString() {
    return Integer.toUnsignedString(nodeId) + "/" + Integer.toUnsignedString(processId);
  }
}
