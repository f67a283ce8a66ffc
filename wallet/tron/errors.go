package tron

import "errors"

var (
	// ErrOffline means that no endpoint answers. Nothing has changed.
	ErrOffline = errors.New("tron: no node answers")
	// ErrWrongChain means that an endpoint serves another chain than the profile names.
	ErrWrongChain = errors.New("tron: node of another chain")
	// ErrAnswer means that a node's answer lacks fields or contains impossible ones.
	ErrAnswer = errors.New("tron: impossible answer of a node")
	// ErrDisagree means that two nodes contradict each other.
	ErrDisagree = errors.New("tron: nodes disagree")
	// ErrStaleNode means that a node's newest block is old.
	ErrStaleNode = errors.New("tron: node is behind")
	// ErrClock means that this computer's clock and the chain's are minutes apart.
	ErrClock = errors.New("tron: clock differs from the chain's")

	// ErrIntent means that an intent is incomplete or contradicts itself.
	ErrIntent = errors.New("tron: impossible intent")
	// ErrSelf means that sender and recipient are the same.
	ErrSelf = errors.New("tron: recipient is the sender")
	// ErrToContract means that the recipient is a contract, where the money would be lost.
	ErrToContract = errors.New("tron: recipient is a contract")
	// ErrNotActivated means that the sending account does not exist on the chain
	// yet: it must receive TRX first. Receiving BTT does not activate it.
	ErrNotActivated = errors.New("tron: account not activated")
	// ErrNotEnoughTRX means that the TRX of the account do not cover amount and fee.
	ErrNotEnoughTRX = errors.New("tron: not enough TRX")
	// ErrNotEnough means that the account has less of the token than is to be sent.
	ErrNotEnough = errors.New("tron: not enough of the token")
	// ErrFee means that the fee would exceed the configured limit.
	ErrFee = errors.New("tron: fee above the limit")
	// ErrWouldFail means that the contract refuses the call, tried without sending it.
	ErrWouldFail = errors.New("tron: the contract would refuse")

	// ErrDiffers means that the bytes to be signed are not the intent. Nothing was signed.
	ErrDiffers = errors.New("tron: transaction differs from the intent")
	// ErrSigner means that the signature is not the account's. Nothing was sent.
	ErrSigner = errors.New("tron: signature of another account")
	// ErrSent means that the intent is in the outbox already.
	ErrSent = errors.New("tron: intent already sent")

	// ErrRejected means that the nodes refused the transaction. It stays reserved
	// until it can no longer enter a block.
	ErrRejected = errors.New("tron: rejected by the nodes")
	// ErrReverted means that the contract refused; the fee is spent, nothing else moved.
	ErrReverted = errors.New("tron: reverted by the contract")
	// ErrOutOfEnergy means that the fee limit did not suffice; it is spent, nothing else moved.
	ErrOutOfEnergy = errors.New("tron: out of energy")
	// ErrExpired means that the transaction can no longer enter a block. Nothing moved.
	ErrExpired = errors.New("tron: expired")
	// ErrAbandoned means that the intent was given up before it was signed.
	ErrAbandoned = errors.New("tron: abandoned before signing")
)
