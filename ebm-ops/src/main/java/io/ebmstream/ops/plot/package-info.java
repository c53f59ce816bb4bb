/**
 * Charts as PNG files, drawn without a screen by JFreeChart, which nothing outside this package
 * sees. Uses nothing of this module; commands, reports and training may use it.
 */
package io.ebmstream.ops.plot;
