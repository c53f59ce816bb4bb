package io.ebmstream.ops.attack;

/**
 * The attack on a purified classifier (Hill, Mitchell, Zhu 2021, section 3).
 *
 * @param attack ball, steps, start and seed
 * @param attackReplicates R_a, purifications for one gradient, at least 1 (15 to 48 in the papers)
 * @param verifyReplicates R, purifications that decide whether an image is broken, at least 1 (128
 *     to 150 in the papers)
 * @param fixedNoise whether defense and attack use the same noise on every occasion: a defense
 *     whose randomness is known. Else every purification has noise of its own
 * @param verifyLast whether images that stand at the end are verified there even if the attack's
 *     own replicates classify them rightly
 */
public record EotAttackConfig(
        AttackConfig attack,
        int attackReplicates,
        int verifyReplicates,
        boolean fixedNoise,
        boolean verifyLast) {
    public static final int DEFAULT_ATTACK_REPLICATES = 8;
    public static final int DEFAULT_VERIFY_REPLICATES = 32;

    /**
     * @throws IllegalArgumentException if a number is below 1
     */
    public EotAttackConfig {
        if (attackReplicates < 1 || verifyReplicates < 1) {
            throw new IllegalArgumentException(
                    "expected at least 1 purification for an attack and to verify it, found "
                            + attackReplicates
                            + " and "
                            + verifyReplicates);
        }
    }
}
