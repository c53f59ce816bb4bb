package io.ebmstream.ops.guard;

/**
 * One answer of the guard rails.
 *
 * @param remedy what is to be done
 * @param sign what was seen
 * @param text both in words, with the numbers that led to it
 */
public record GuardAction(GuardRemedy remedy, GuardSign sign, String text) {
    @Override
    public String toString() {
        return remedy.label() + " (" + sign.label() + "): " + text;
    }
}
