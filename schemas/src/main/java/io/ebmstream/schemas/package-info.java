/**
 * Data contracts: topic and header names, and the wire format of every record.
 *
 * <p>The records themselves are generated from {@code src/main/avro} into {@code
 * io.ebmstream.schemas.avro}. Anybody may use this module: it needs Avro and kafka-clients only.
 */
package io.ebmstream.schemas;
