package io.sheepdog.core.block;

import io.sheepdog.protocol.ResultCode;
import java.util.List;

/**
 * Where the data of a volume is.
 *
 * @param code SUCCESS or why it is not known
 * @param extents when SUCCESS: consecutive, of alternating kind, from the offset asked for
 */
public record VolumeStatus(ResultCode code, List<Extent> extents) {}
