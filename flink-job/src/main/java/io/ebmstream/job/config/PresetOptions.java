package io.ebmstream.job.config;

import io.ebmstream.ops.hat.HatPreset;
import io.ebmstream.ops.hat.HatRule;
import io.ebmstream.ops.preset.Preset;
import io.ebmstream.ops.preset.Presets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A preset's values as options, laid under those that were set. */
final class PresetOptions {
    private PresetOptions() {}

    /**
     * The values, and those of the preset that they name wherever they say nothing themselves. A
     * preset that there is none of adds nothing; reading the option says so.
     */
    static Map<String, String> under(Map<String, String> values) {
        String name = values.getOrDefault(EbmOptions.LEARNER_PRESET.key(), EbmOptions.NONE).trim();
        if (!Presets.names().contains(name)) {
            return values;
        }
        Map<String, String> all = new LinkedHashMap<>();
        of(Presets.named(name)).forEach((setting, value) -> all.put(setting.key(), value));
        if (Presets.named(name).chains() instanceof HatRule
                && !HatPreset.named(name).generatorLearns()) {
            hat(HatPreset.named(name), values).forEach((s, value) -> all.put(s.key(), value));
        }
        all.putAll(values);
        return all;
    }

    /** Images are refined as the learner's chains run. */
    private static Map<Setting<?>, String> hat(HatPreset preset, Map<String, String> values) {
        Map<Setting<?>, String> all = new LinkedHashMap<>();
        all.put(
                EbmOptions.HAT_GENERATOR,
                values.getOrDefault(
                        EbmOptions.LEARNER_GENERATOR_FILE.key(),
                        values.getOrDefault(EbmOptions.MODEL_INITIAL_SNAPSHOT.key(), "")));
        all.put(EbmOptions.HAT_STEPS, "" + preset.steps());
        all.put(EbmOptions.HAT_STEP_SIZE, "" + preset.stepSize());
        all.put(EbmOptions.HAT_LATENT_STEP_SIZE, "" + preset.latentStepSize());
        all.put(EbmOptions.HAT_TAU_RES, "" + preset.tauRes());
        return all;
    }

    private static Map<Setting<?>, String> of(Preset preset) {
        Map<Setting<?>, String> all = new LinkedHashMap<>();
        all.put(EbmOptions.MODEL_NETWORK, preset.energy());
        all.put(EbmOptions.LEARNER_START, preset.start().label());
        all.put(EbmOptions.LEARNER_BATCH, "" + preset.batch());
        all.put(EbmOptions.LEARNER_BANK, "" + preset.bank());
        all.put(EbmOptions.LEARNER_STEPS, preset.steps().toString());
        all.put(EbmOptions.LEARNER_REJUVENATION, preset.rejuvenation().toString());
        all.put(EbmOptions.LEARNER_MAX_CHAIN_UPDATES, "" + preset.maxChainUpdates());
        if (preset.burnIn() != null) {
            all.put(EbmOptions.LEARNER_BURN_IN_BANK, "" + preset.burnIn().bank());
            all.put(EbmOptions.LEARNER_BURN_IN_STEPS, preset.burnIn().steps().toString());
            all.put(EbmOptions.LEARNER_BURN_IN_UPDATES, "" + preset.burnIn().updates());
        }
        if (preset.generator() != null) {
            all.put(EbmOptions.LEARNER_GENERATOR, preset.generator().family());
            all.put(EbmOptions.LEARNER_GENERATOR_WIDTH, "" + preset.generator().width());
            all.put(EbmOptions.LEARNER_GENERATOR_LEARNS, "" + preset.generator().learns());
            String rate = preset.generator().learningRate().toString();
            all.put(EbmOptions.LEARNER_GENERATOR_RATE, rate);
        }
        if (preset.prior() != null) {
            all.put(EbmOptions.LEARNER_PRIOR, preset.prior().family());
            all.put(EbmOptions.LEARNER_PRIOR_TEMPERATURE, "" + preset.prior().temperature());
        }
        all.put(EbmOptions.LEARNER_STEP_SIZE, "" + preset.langevin().stepSize());
        all.put(EbmOptions.LEARNER_TEMPERATURE, "" + preset.langevin().temperature());
        all.put(EbmOptions.LEARNER_TAU, "" + preset.langevin().tau());
        all.put(EbmOptions.LEARNER_MAX_LANGEVIN_NORM, "" + preset.langevin().maxLangevinNorm());
        // energies are meant at their temperature: images are purified as chains were moved
        all.put(EbmOptions.PURIFIER_STEP_SIZE, "" + preset.langevin().stepSize());
        all.put(EbmOptions.PURIFIER_TEMPERATURE, "" + preset.langevin().temperature());
        all.put(EbmOptions.PURIFIER_TAU, "" + preset.langevin().tau());
        all.put(EbmOptions.PURIFIER_MAX_LANGEVIN_NORM, "" + preset.langevin().maxLangevinNorm());
        all.put(EbmOptions.LEARNER_DATA_NOISE, "" + preset.dataNoise());
        all.put(EbmOptions.LEARNER_OPTIMIZER, preset.optimizer().label());
        all.put(EbmOptions.LEARNER_SGD_FROM, "" + preset.sgdFrom());
        all.put(EbmOptions.LEARNER_LEARNING_RATE, preset.learningRate().toString());
        all.put(EbmOptions.LEARNER_EMA, "" + preset.emaDecay());
        return all;
    }
}
