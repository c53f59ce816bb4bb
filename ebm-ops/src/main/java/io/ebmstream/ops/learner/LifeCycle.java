package io.ebmstream.ops.learner;

/** The rule of the life cycle's chains; all its values stand in the learner's configuration. */
enum LifeCycle implements ChainRule {
    RULE;

    @Override
    public NegativeChains open(ChainSetting setting) {
        return new LifeCycleChains(setting);
    }

    @Override
    public String toString() {
        return "life cycle";
    }
}
