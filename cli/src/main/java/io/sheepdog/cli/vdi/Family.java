package io.sheepdog.cli.vdi;

import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Generations of each image by parent; a clone has another name than its parent and begins a tree
 * of its own.
 */
final class Family {
  private final List<InodeHeader> roots = new ArrayList<>();
  private final Map<VdiId, List<InodeHeader>> children = new HashMap<>();

  Family(List<InodeHeader> headers) {
    Map<VdiId, InodeHeader> byVid = new HashMap<>();
    headers.forEach(header -> byVid.put(header.vdiId(), header));
    for (InodeHeader header : headers) {
      InodeHeader parent = byVid.get(header.parentVdiId());
      if (parent != null && parent.name().equals(header.name())) {
        children.computeIfAbsent(parent.vdiId(), vid -> new ArrayList<>()).add(header);
      } else {
        roots.add(header);
      }
    }
  }

  List<InodeHeader> roots() {
    return roots;
  }

  List<InodeHeader> childrenOf(InodeHeader header) {
    return children.getOrDefault(header.vdiId(), List.of());
  }
}
