/** Tests of the whole product: architecture rules, launchers, real processes and real clients. */
@NullMarked
package io.sheepdog.integration;

import org.jspecify.annotations.NullMarked;
