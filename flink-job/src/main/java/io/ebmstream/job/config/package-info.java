/**
 * The job's configuration: typed options with documentation, one file and overrides, validated into
 * immutable records. Everything else in {@code job} reads its settings from here.
 */
package io.ebmstream.job.config;
