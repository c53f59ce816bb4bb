package io.ebmstream.schemas.snapshot;

import io.ebmstream.schemas.avro.SnapshotManifest;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which of a model's networks a tensor belongs to: the role before the first dot of its name, where
 * the manifest has a network of that role, else the energy. Immutable.
 */
final class Roles {
    /** The energy, which is no role among the manifest's further networks. */
    static final String ENERGY = "energy";

    private static final Pattern ROLE = Pattern.compile("[a-z0-9-]{1,32}");

    private final Set<String> others;

    Roles(SnapshotManifest manifest) {
        others = Set.copyOf(manifest.getNetworks().keySet());
    }

    /** Whether a network beside the energy may have this role. */
    static boolean isRole(String role) {
        return ROLE.matcher(role).matches() && !role.equals(ENERGY);
    }

    /** Role of a tensor. */
    String of(String tensor) {
        int dot = tensor.indexOf('.');
        String role = dot < 0 ? "" : tensor.substring(0, dot);
        return others.contains(role) ? role : ENERGY;
    }
}
