/**
 * Orders to a running job and what it says about them: the records of the control topic and of the
 * events topic as values, their decoder and encoder. The learner carries orders out ({@code
 * learn.ShardOrders}); what purifiers must keep to reaches them with the versions.
 */
package io.ebmstream.job.control;
